import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import software.amazon.kinesis.producer.Attempt;
import software.amazon.kinesis.producer.KinesisProducer;
import software.amazon.kinesis.producer.KinesisProducerConfiguration;
import software.amazon.kinesis.producer.UserRecordFailedException;
import software.amazon.kinesis.producer.UserRecordResult;

/**
 * Sends user records with Amazon's KPL.
 *
 * <p>Arguments: stream, port of an HTTPS endpoint on localhost, file of its CA, folder for the native program. Standard
 * input: a user record a line, partition key and data with a tab between them. Standard output: a line for each result,
 * in no order: number of the input line, shard (empty if the record was not sent), and the codes of the attempts that
 * failed with commas between them.
 */
public final class Producer {
  private final KinesisProducer kpl;
  private final String stream;

  private Producer(KinesisProducer kpl, String stream) {
    this.kpl = kpl;
    this.stream = stream;
  }

  public static void main(String[] arguments) throws Exception {
    String host = "localhost";
    long port = Long.parseLong(arguments[1]);
    KinesisProducerConfiguration configuration =
        new KinesisProducerConfiguration()
            .setRegion(System.getenv("AWS_REGION"))
            .setKinesisEndpoint(host)
            .setKinesisPort(port)
            .setStsEndpoint(host)
            .setStsPort(port)
            .setCloudwatchEndpoint(host)
            .setCloudwatchPort(port)
            .setCaCertFile(arguments[2])
            .setTempDirectory(arguments[3]);
    Producer producer = new Producer(new KinesisProducer(configuration), arguments[0]);
    producer.sendInput();
    producer.kpl.flushSync();
    producer.kpl.destroy();
  }

  private void sendInput() throws Exception {
    BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String line;
    for (int number = 0; (line = input.readLine()) != null; number++) {
      String[] record = line.split("\t", 2);
      ByteBuffer data = ByteBuffer.wrap(record[1].getBytes(StandardCharsets.UTF_8));
      Futures.addCallback(
          kpl.addUserRecord(stream, record[0], data), new Printer(number), MoreExecutors.directExecutor());
    }
  }

  /** Prints the result of one record. */
  private record Printer(int number) implements FutureCallback<UserRecordResult> {
    @Override
    public void onSuccess(UserRecordResult result) {
      print(result);
    }

    @Override
    public void onFailure(Throwable error) {
      if (!(error instanceof UserRecordFailedException failed)) {
        throw new IllegalStateException(error);
      }
      print(failed.getResult());
    }

    private void print(UserRecordResult result) {
      String errors =
          result.getAttempts().stream()
              .filter(attempt -> !attempt.isSuccessful())
              .map(Attempt::getErrorCode)
              .collect(Collectors.joining(","));
      String shard = result.isSuccessful() ? result.getShardId() : "";
      System.out.println(number + "\t" + shard + "\t" + errors);
    }
  }
}
