"""WeChat: the official account (公众号) and the customer service of a mini program (小程序)."""
