"""The web edge: conversations over HTTP and server-sent events, and a page that shows them."""
