package io.residuum.draw;

/** Maps numbers to the colours of viridis, which differ in lightness for every eye. */
final class Viridis {
    /** Key colours of viridis, the default of matplotlib, from the lowest value to the highest. */
    private static final int[] COLOURS = {
        0x440154, 0x482878, 0x3e4989, 0x31688e, 0x26828e, 0x1f9e89, 0x35b779, 0x6ece58, 0xb5de2b,
        0xfde725
    };

    private Viridis() {}

    /** Returns the colour of a position in [0, 1]. */
    static String colour(double at) {
        double place = Math.min(1, Math.max(0, at)) * (COLOURS.length - 1);
        int first = Math.min((int) place, COLOURS.length - 2);
        double part = place - first;
        int mixed = 0;
        for (int shift = 16; shift >= 0; shift -= 8) {
            int a = COLOURS[first] >> shift & 0xff;
            int b = COLOURS[first + 1] >> shift & 0xff;
            mixed = mixed << 8 | (int) Math.round(a + part * (b - a));
        }
        return "#" + Integer.toHexString(0x1000000 | mixed).substring(1);
    }
}
