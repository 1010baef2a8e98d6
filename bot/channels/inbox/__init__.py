"""The agents' inbox: pages, JSON routes and events below /inbox."""
