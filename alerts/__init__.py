"""Who is told what, once: incidents become messages, and messages are kept until they have arrived."""
