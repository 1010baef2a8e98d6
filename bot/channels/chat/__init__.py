"""What all chat programs share: how they are listened to, what stands in their posts, tickets among
agents. Each program is an edge of its own beside this room, described by `program`."""
