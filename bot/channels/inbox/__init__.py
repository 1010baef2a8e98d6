"""The agents' inbox: pages and routes for those who are signed in."""
