namespace MnistLstm.Faults;

/// <summary>
/// The clock of the machine jumps by a day, back and forth, while requests are answered: waiting and deadlines go by
/// the monotonic clock, so nobody notices. The clock of this one process is moved by libfaketime (Debian's package).
/// </summary>
internal static class ClockRun
{
    private const double PerSecond = 100;

    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    /// <summary>Days from now that the clock jumps to.</summary>
    private static readonly int[] Jumps = [1, -1, 365, -365, 0];

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
            bool allJumped = true;
            foreach (int days in Jumps)
            {
                await File.WriteAllTextAsync(clock, $"{days:+0;-0}d\n");
                await Task.Delay(duration / (Jumps.Length + 1));
                using HttpResponseMessage response = await traffic.Client.GetAsync("/health/ready");
                dates.Add(response.Headers.Date ?? default);
                allJumped &= (dates[^1] - DateTimeOffset.UtcNow.AddDays(days)).Duration() < Tolerance;
            }

            Answers answers = await answering;
            Console.WriteLine(answers);
            Console.WriteLine(
                "The service's own date after each jump: "
                + string.Join(", ", dates.Select(date => $"{date:yyyy-MM-dd}")));
            return Promises.Hold(
                Promises.AllRight(answers),
                (allJumped, "the service's date is that of the clock after every jump"));
        }
        finally
        {
            File.Delete(clock);
        }
    }
}
