"""What the text says can be called: endpoints and sockets in every notation, and the operations they become."""
