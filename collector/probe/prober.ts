/** Who tells of what the prober saw. It tells of keys and certificates, never of handshakes: its own are no customers'. */
export const PROBER = "prober";
