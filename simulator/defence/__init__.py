"""The banks' side: what their rules notice, what investigators make of it, what victims tell, what is blocked and made good."""
