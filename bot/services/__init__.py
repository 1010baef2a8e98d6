"""What the bot does in a turn, step by step; knows the domain and the ports."""
