"""The web chat: a page, and the JSON API that it talks to (docs/webchat-api.md)."""
