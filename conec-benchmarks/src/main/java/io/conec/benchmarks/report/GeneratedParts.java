package io.conec.benchmarks.report;

/** Replaces the parts of a document that stand between {@code <!-- generated: name -->} and {@code <!-- end of name -->}. */
public final class GeneratedParts {
    private GeneratedParts() {}

    /**
     * Replaces one.
     *
     * @throws IllegalArgumentException if the document has no such part
     */
    public static String replace(String document, String name, String text) {
        String begin = "<!-- generated: " + name + " -->\n";
        String end = "<!-- end of " + name + " -->";
        int from = document.indexOf(begin);
        int to = document.indexOf(end);
        if (from < 0 || to < from) {
            throw new IllegalArgumentException("the document has no part \"" + name + "\"");
        }
        return document.substring(0, from + begin.length()) + "\n" + text.strip() + "\n\n" + document.substring(to);
    }
}
