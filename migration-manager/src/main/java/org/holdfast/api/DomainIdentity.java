package org.holdfast.api;

import java.util.UUID;

/** A libvirt domain, however the operator called it. */
public record DomainIdentity(String name, UUID uuid) {}
