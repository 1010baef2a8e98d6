"""What a support conversation is made of; knows only the standard library."""
