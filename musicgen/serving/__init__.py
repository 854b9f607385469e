"""The champion behind HTTP: an API and the page that people listen on."""
