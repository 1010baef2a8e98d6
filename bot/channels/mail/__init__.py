"""Mail as an edge: what comes into a mailbox becomes a conversation, answers go back into it."""
