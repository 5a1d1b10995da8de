"""WeCom's customer service for WeChat users (微信客服)."""
