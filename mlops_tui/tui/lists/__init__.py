"""The lists of the rooms, as windowed tables read them."""
