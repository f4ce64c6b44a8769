namespace MnistLstm.Faults;

/// <summary>
/// The clock of the machine jumps by a day, back and forth, while requests are answered: waiting and deadlines go by
/// the monotonic clock, so nobody notices. The clock of this one process is moved by libfaketime (Debian's package).
/// </summary>
internal static class ClockRun
{
    private const double PerSecond = 100;

    private static readonly string[] Jumps = ["+1d", "-1d", "+365d", "-365d", "+0"];

    public static async Task<bool> RunAsync(TimeSpan duration, string service)
    {
        string library = Environment.GetEnvironmentVariable("LIBFAKETIME")
            ?? throw new InvalidOperationException(
                "LIBFAKETIME is to name libfaketimeMT.so.1; bench/faults.sh finds it.");
        string clock = Path.GetTempFileName();
        await File.WriteAllTextAsync(clock, "+0\n");
        try
        {
            using ServiceProcess process = await ServiceProcess.StartAsync(
                service,
                ["--request-timeout", "5s"],
                ("LD_PRELOAD", library), ("FAKETIME_TIMESTAMP_FILE", clock), ("FAKETIME_NO_CACHE", "1"),
                    ("FAKETIME_DONT_FAKE_MONOTONIC", "1"));
            Picture[] pictures = Picture.Load();
            using var traffic = new Traffic(process.Address, pictures);
            await Picture.LearnAsync(pictures, traffic.Client, "/predict");

            Task<Answers> answering = traffic.RunAsync(PerSecond, duration);
            var dates = new List<DateTimeOffset>();
            foreach (string jump in Jumps)
            {
                await File.WriteAllTextAsync(clock, jump + "\n");
                await Task.Delay(duration / (Jumps.Length + 1));
                using HttpResponseMessage response = await traffic.Client.GetAsync("/health/ready");
                dates.Add(response.Headers.Date ?? default);
            }

            Answers answers = await answering;
            Console.WriteLine(answers);
            Console.WriteLine(
                "The service's own date after each jump: "
                + string.Join(", ", dates.Select(date => $"{date:yyyy-MM-dd}")));
            return Promises.Hold(
                Promises.AllRight(answers),
                (dates.Distinct().Count() == Jumps.Length, "every jump changes the service's date"));
        }
        finally
        {
            File.Delete(clock);
        }
    }
}
