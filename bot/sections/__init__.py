"""The sections of the settings that have a file of their own, and the types of their fields."""
