package io.conec.benchmarks.report;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Rows as a file. No field holds a comma. */
public final class Csv {
    static final String HEADER = "workload,system,size,metric,value,unit,round";

    private static final int FIELDS = 7;
    private static final MathContext DIGITS = new MathContext(6);

    private Csv() {}

    static String line(Row row) {
        return String.join(
                ",",
                row.workload(),
                row.system(),
                Integer.toString(row.size()),
                row.metric(),
                number(row.value()),
                row.unit(),
                Integer.toString(row.round()));
    }

    private static String number(double value) {
        if (!Double.isFinite(value)) {
            return Double.toString(value);
        }
        BigDecimal rounded = new BigDecimal(value).round(DIGITS);
        return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
    }

    static Row parse(String line) {
        String[] fields = line.split(",", -1);
        if (fields.length != FIELDS) {
            throw new IllegalArgumentException("not " + FIELDS + " fields: " + line);
        }
        return new Row(
                fields[0],
                fields[1],
                Integer.parseInt(fields[2]),
                fields[3],
                Double.parseDouble(fields[4]),
                fields[5],
                Integer.parseInt(fields[6]));
    }

    /** Reads a file; none if there is no such file. */
    public static List<Row> read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        return Files.readAllLines(file).stream()
                .skip(1)
                .filter(line -> !line.isBlank())
                .map(Csv::parse)
                .toList();
    }

    public static void write(Path file, List<Row> rows) throws IOException {
        StringBuilder text = new StringBuilder(HEADER).append('\n');
        rows.forEach(row -> text.append(line(row)).append('\n'));
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, text);
    }
}
