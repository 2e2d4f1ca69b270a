"""The realm of a region in Keycloak: `realm.json`, as compose mounts it and realstack fills it in."""
