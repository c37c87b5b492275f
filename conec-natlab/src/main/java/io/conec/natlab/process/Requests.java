package io.conec.natlab.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The child's side of a laboratory process's lines: takes {@code 7 open bob} from standard input and answers {@code 7 ok ...} or {@code 7 failed ...} on standard
 * output, when the answer is there, while it takes further requests. Ends with its input, so with the laboratory.
 */
public final class Requests {
    /** Answers a request of these words. */
    @FunctionalInterface
    public interface Handler {
        /**
         * Answers it.
         *
         * @throws Exception tells the laboratory that it failed, as the stage's failure does
         */
        CompletableFuture<String> handle(List<String> words) throws Exception;
    }

    /** Standard output; nothing else may write there. */
    private static final PrintStream OUTPUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private Requests() {}

    /** Tells the laboratory something that it did not ask for. */
    public static void event(String what) {
        print("event " + what);
    }

    /** Answers until the end of the input. */
    public static void serve(Handler handler) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            List<String> words = Arrays.asList(line.split(" ", -1));
            String number = words.get(0);
            answer(handler, words.subList(1, words.size()))
                    .whenComplete((answer, failure) -> print(
                            failure == null ? number + " ok " + answer : number + " failed " + describe(failure)));
        }
    }

    private static CompletableFuture<String> answer(Handler handler, List<String> words) {
        try {
            return handler.handle(words);
        } catch (Exception e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    public static String describe(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause.toString().replace('\n', ' ');
    }

    private static void print(String line) {
        OUTPUT.println(line);
    }
}
