"""The only rooms that know both sides: they choose a road and wire a client to it.

Not called ``connect``: a module of that name would take the place of the function.
"""
