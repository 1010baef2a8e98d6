"""Our code towards the world: a file is named by what it talks to."""
