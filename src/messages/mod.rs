//! Messages 群发消息: what is written to a segment, to those who agreed to it, once to each.
