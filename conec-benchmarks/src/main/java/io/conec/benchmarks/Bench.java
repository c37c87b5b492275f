package io.conec.benchmarks;

import io.conec.benchmarks.report.Charts;
import io.conec.benchmarks.report.Csv;
import io.conec.benchmarks.report.GeneratedParts;
import io.conec.benchmarks.report.Results;
import io.conec.benchmarks.report.Row;
import io.conec.benchmarks.report.ScaleOnPaper;
import io.conec.benchmarks.report.Tables;
import io.conec.benchmarks.system.Certificates;
import io.conec.benchmarks.system.Systems;
import io.conec.benchmarks.workload.Rounds;
import io.conec.benchmarks.workload.RunSettings;
import io.conec.benchmarks.workload.Workload;
import io.conec.benchmarks.workload.Workloads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;

/** The command {@code ./bench}, which runs it in the project's directory. */
public final class Bench {
    private static final Path MODULE = Path.of("conec-benchmarks");
    private static final Path DOCUMENT = Path.of("docs", "PERFORMANCE.md");
    private static final Path CHARTS = Path.of("docs", "performance");
    private static final Path RESULTS = MODULE.resolve("results");

    private Bench() {}

    public static void main(String[] arguments) throws Exception {
        Options options;
        try {
            options = Options.parse(arguments);
            options.chosenWorkloads().forEach(options::systemsFor);
        } catch (IllegalArgumentException e) {
            System.err.println("./bench: " + e.getMessage() + "; ./bench --help says more");
            System.exit(2);
            return;
        }
        if (options.help()) {
            System.out.print(Options.usage());
            return;
        }
        if (!options.reportOnly()) {
            measure(options);
        } else {
            report(RESULTS.resolve("latest"));
        }
        System.exit(0);
    }

    private static void measure(Options options) throws IOException, InterruptedException {
        Path work = Files.createDirectories(
                MODULE.resolve("target").resolve("bench").toAbsolutePath());
        Certificates.create(work);
        RunSettings settings = new RunSettings(options.quick(), options.rounds(), work, options.jvmOptions());
        Environment environment = Environment.now(settings);
        System.out.println(environment.text());
        String name = options.isComplete() ? "latest" : "partial";
        Rounds rounds = new Rounds(settings);
        for (Workload workload : options.chosenWorkloads()) {
            rounds.run(workload, options.systemsFor(workload), options.sizesFor(workload));
            // Each time, so that a run that is broken off has not been for nothing: --report makes tables of it.
            Csv.write(RESULTS.resolve(name + ".csv"), rounds.rows());
            Files.writeString(RESULTS.resolve(name + ".env"), environment.text() + missing(rounds.missing()));
        }
        if (options.update()) {
            update(rounds.rows());
        }
        report(RESULTS.resolve(name));
    }

    private static String missing(List<String> missing) {
        StringBuilder text = new StringBuilder();
        missing.forEach(each -> text.append("missing: ").append(each).append('\n'));
        // Results are committed: where the project lies on this machine is nobody's business.
        return text.toString().replace(Path.of("").toAbsolutePath() + "/", "");
    }

    /** Ratios are from one round: a workload is replaced as a whole. */
    private static void update(List<Row> measured) throws IOException {
        Path latest = RESULTS.resolve("latest.csv");
        List<String> replaced = measured.stream().map(Row::workload).distinct().toList();
        List<Row> rows = new ArrayList<>(Files.exists(latest) ? Csv.read(latest) : List.of());
        rows.removeIf(row -> replaced.contains(row.workload()));
        rows.addAll(measured);
        List<String> order = Workloads.ALL.stream().map(Workload::id).toList();
        rows.sort(Comparator.comparingInt(row -> order.indexOf(row.workload())));
        Csv.write(latest, rows);
    }

    private static void report(Path name) throws IOException {
        Results results = new Results(Csv.read(Path.of(name + ".csv")));
        UnaryOperator<String> titles = id -> Systems.of(id).title();
        Tables tables = new Tables(results, titles);
        StringBuilder text = new StringBuilder("# What was measured\n\n");
        for (String workload : results.workloads()) {
            text.append("## ").append(title(workload)).append("\n\n");
            text.append(tables.workload(workload)).append('\n').append(tables.ratios(workload));
        }
        text.append("## Targets\n\n").append(tables.targets(name.endsWith("latest")));
        text.append("\nNoisy rounds: ").append(results.noise()).append('\n');
        Files.writeString(Path.of(name + ".md"), text);
        System.out.println();
        System.out.println(text);
        if (name.endsWith("latest")) {
            Path environment = Path.of(name + ".env");
            document(results, titles, Files.exists(environment) ? Files.readString(environment) : "");
        }
    }

    /** The generated parts of docs/PERFORMANCE.md. */
    private static void document(Results results, UnaryOperator<String> titles, String environment) throws IOException {
        Tables tables = new Tables(results, titles);
        StringBuilder all = new StringBuilder();
        for (String workload : results.workloads()) {
            all.append("### ").append(title(workload)).append("\n\n");
            all.append(tables.workload(workload)).append(tables.ratios(workload));
        }
        String text = Files.readString(DOCUMENT);
        text = GeneratedParts.replace(
                text, "environment", "```\n" + environment.strip() + "\nnoisy rounds: " + results.noise() + "\n```");
        text = GeneratedParts.replace(text, "targets", tables.targets(true));
        text = GeneratedParts.replace(text, "charts", new Charts(results, titles).write(CHARTS, "performance"));
        text = GeneratedParts.replace(text, "tables", all.toString());
        text = GeneratedParts.replace(text, "scale", new ScaleOnPaper(results).text());
        Files.writeString(DOCUMENT, text);
    }

    private static String title(String workload) {
        return Workloads.ALL.stream()
                .filter(each -> each.id().equals(workload))
                .map(each -> each.title() + " (" + workload + ")")
                .findFirst()
                .orElse(workload);
    }
}
