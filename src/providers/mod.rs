//! What the desk asks of a payment provider, and the clients that ask it.
