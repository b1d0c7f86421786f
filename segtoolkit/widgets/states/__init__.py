"""What the views show, without any of their controls: plain values, and what may be done with them."""
