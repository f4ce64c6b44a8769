namespace MnistLstm.Load;

/// <summary>Drives the service and what it is compared with; <c>bench/load.sh</c> builds and calls it.</summary>
internal static class Program
{
    private const string Usage = "Usage: Load floor|plain --urls URL   |   Load drive SERVICE_DLL MODEL_FOLDER REPORT.md [ROUNDS] [SECONDS]";

    public static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case ["floor", .. var rest]:
                await FloorService.RunAsync(rest);
                return 0;
            case ["plain", var model, .. var rest]:
                await PlainService.RunAsync(model, rest);
                return 0;
            case ["drive", var service, var models, var report, .. var rest] when rest.Length <= 2:
                int rounds = rest.Length > 0 ? int.Parse(rest[0], System.Globalization.CultureInfo.InvariantCulture) : 3;
                int seconds = rest.Length > 1 ? int.Parse(rest[1], System.Globalization.CultureInfo.InvariantCulture) : 3;
                await new Comparison(service, models, rounds, TimeSpan.FromSeconds(seconds)).RunAsync(report);
                return 0;
            default:
                await Console.Error.WriteLineAsync(Usage);
                return 2;
        }
    }
}
