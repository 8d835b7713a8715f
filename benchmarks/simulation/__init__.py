"""A room that needs no devices: a client that writes down what is heard, a model with a script, voices."""
