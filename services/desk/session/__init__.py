"""Who is logged in: sessions on the server, sealed at rest, and what a browser holds of them."""
