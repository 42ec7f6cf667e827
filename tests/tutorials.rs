//! The systems of five socket tutorials, T1 to T9, with exactly the commands that a reader of the
//! tutorial would type: our server with its Python client, and our client with its Python server. The
//! Python peers (tests/peers) have the tutorials' mistakes, and work nevertheless.

mod support;

mod tutorials {
    mod t1_header;
    mod t2_upper;
    mod t3_time;
    mod t4_one_shot;
    mod t5_datagrams;
    mod t6_two_people;
    mod t7_restart;
    mod t8_in_series;
    mod t9_families;
    mod t9_netlink;
    mod t9_seqpacket;
    mod terminal;
}
