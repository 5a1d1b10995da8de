"""The machine: what runs the conversation, whatever the conversation is about."""
