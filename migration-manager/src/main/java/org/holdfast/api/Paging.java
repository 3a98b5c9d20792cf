package org.holdfast.api;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Lists in pages (AIP-158). A token is opaque to callers; inside, it is the number at which the
 * next page starts.
 */
final class Paging {
  private Paging() {}

  /**
   * @param requested what the caller asked for; 0: as the service likes
   * @param most never more than this, however much is asked for
   */
  static int size(int requested, int usual, int most) {
    if (requested < 0) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT, "The page size is " + requested + ", which is below zero.");
    }
    return requested == 0 ? usual : Math.min(requested, most);
  }

  static String token(long start) {
    byte[] digits = Long.toString(start).getBytes(StandardCharsets.US_ASCII);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(digits);
  }

  /**
   * @param token what {@link #token} made, or empty for the first page
   * @param first where the first page starts
   */
  static long start(String token, long first) {
    if (token.isEmpty()) {
      return first;
    }
    try {
      long start =
          Long.parseLong(
              new String(Base64.getUrlDecoder().decode(token), StandardCharsets.US_ASCII));
      if (start >= 0) {
        return start;
      }
    } catch (IllegalArgumentException notOurs) {
      // Said below: what is wrong with it is no use to the caller.
    }
    throw new HoldfastException(
        ErrorCode.INVALID_ARGUMENT,
        "The page token is not one this service gave.",
        "Pass next_page_token of the page before, or none for the first page.");
  }
}
