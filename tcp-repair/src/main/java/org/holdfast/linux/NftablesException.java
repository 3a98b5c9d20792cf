package org.holdfast.linux;

/** nftables refused a transaction; nothing of it has happened. The message is nft's own. */
public final class NftablesException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST = 600;

  NftablesException(String error) {
    super(error.length() > LONGEST ? error.substring(0, LONGEST) + "..." : error);
  }
}
