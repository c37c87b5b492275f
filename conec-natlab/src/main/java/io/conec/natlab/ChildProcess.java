package io.conec.natlab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A process inside a namespace, driven by lines. A request {@code 7 open bob} is answered some time by {@code 7 ok ...} or {@code 7 failed ...}; a line that
 * begins with {@code event} tells what happened by itself; all else that it prints goes to its log. Safe for several threads.
 */
public final class ChildProcess {
    private final String name;
    private final Process process;
    private final Path log;
    private final AtomicLong lastRequest = new AtomicLong();
    private final Map<Long, CompletableFuture<String>> requests = new ConcurrentHashMap<>();
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final Thread reader;
    private boolean ended;

    /**
     * Starts it.
     *
     * @param log gets what it logs
     */
    public ChildProcess(String name, List<String> command, Path log) {
        this.name = name;
        this.log = log;
        try {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        reader = new Thread(this::read, "output of " + name);
        reader.setDaemon(true);
        reader.start();
    }

    /** Asks for something without waiting for the answer, which the stage gives without its first word; it fails if the process refuses, or ends. */
    public CompletableFuture<String> request(String request) {
        long number = lastRequest.incrementAndGet();
        CompletableFuture<String> answer = new CompletableFuture<>();
        requests.put(number, answer);
        try {
            write(number + " " + request + "\n");
        } catch (IOException e) {
            answer.completeExceptionally(failure("it takes no requests: " + e.getMessage()));
        }
        if (!reader.isAlive()) {
            answer.completeExceptionally(failure("it has ended"));
        }
        return answer.whenComplete((ignored, e) -> requests.remove(number));
    }

    private synchronized void write(String line) throws IOException {
        OutputStream stdin = process.getOutputStream();
        stdin.write(line.getBytes(StandardCharsets.UTF_8));
        stdin.flush();
    }

    /** Asks, and waits this long at most. */
    public String ask(String request, Duration patience) {
        return await(request(request), request, patience);
    }

    /** Waits for an answer. */
    public String await(CompletableFuture<String> answer, String request, Duration patience) {
        try {
            return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IllegalStateException
                    ? (IllegalStateException) e.getCause()
                    : failure(e.getCause() + "");
        } catch (TimeoutException e) {
            throw failure("no answer to \"" + request + "\" in " + patience.toMillis() + " ms");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** What it told by itself so far, without the first word. */
    public List<String> events() {
        return events;
    }

    /**
     * Waits until it has told something that begins with this word, by itself.
     *
     * @return what follows the word
     * @throws IllegalStateException if it ends before that, or takes longer
     */
    public String awaitEvent(String word, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        synchronized (events) {
            while (true) {
                for (String event : events) {
                    if (event.equals(word) || event.startsWith(word + " ")) {
                        return event.substring(word.length()).strip();
                    }
                }
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (ended || left <= 0) {
                    throw failure((ended ? "it has ended" : "no end of waiting") + " before \"" + word + "\"");
                }
                try {
                    events.wait(left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException("interrupted", e);
                }
            }
        }
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Ends its input, with which it is to end by itself. */
    public void endInput() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // It has ended before.
            return;
        }
    }

    /** Waits for its end; after that long, SIGKILL. */
    public void awaitEnd(Duration patience) {
        try {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            kill();
        }
    }

    /** SIGKILL, and waits for its end. */
    public void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** Sends it a signal. */
    void signal(String signal) {
        Shell.run("sh", "-c", "kill -" + signal + " " + pid());
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                take(line);
            }
        } catch (IOException e) {
            events.add("unreadable " + e.getMessage());
        } finally {
            synchronized (events) {
                ended = true;
                events.notifyAll();
            }
            requests.values().forEach(answer -> answer.completeExceptionally(failure("it has ended")));
        }
    }

    private void take(String line) {
        String[] words = line.split(" ", 3);
        if (words[0].equals("event")) {
            synchronized (events) {
                events.add(line.substring("event ".length()));
                events.notifyAll();
            }
            return;
        }
        if (!words[0].matches("\\d+")) {
            log(line);
            return;
        }
        CompletableFuture<String> answer = requests.get(Long.parseLong(words[0]));
        if (answer == null) {
            return;
        }
        String rest = words.length > 2 ? words[2] : "";
        if (words[1].equals("ok")) {
            answer.complete(rest);
        } else {
            answer.completeExceptionally(failure(rest));
        }
    }

    /** What a library, or the JVM, has printed. */
    private void log(String line) {
        try {
            Files.writeString(log, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private IllegalStateException failure(String what) {
        return new IllegalStateException(name + ": " + what + " (its log: " + log + ")");
    }
}
