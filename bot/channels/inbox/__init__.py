<<<<<<< HEAD
"""The agents' inbox: pages, JSON routes and events below /inbox."""
=======
"""The agents' inbox: pages and routes for those who are signed in."""
>>>>>>> 9cd60ea9863012dd9b3c83978247da0f342f635f
