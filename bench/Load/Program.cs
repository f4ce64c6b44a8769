namespace MnistLstm.Load;

/// <summary>Drives the service and what it is compared with; <c>bench/load.sh</c> builds and calls it.</summary>
internal static class Program
{
    private const string Usage =
        "Usage: Load floor|plain --urls URL   |   Load drive|infer SERVICE_DLL MODEL_FOLDER REPORT.md [ROUNDS] "
        + "[SECONDS]   |   Load flat|first|profile SERVICE_DLL MODEL_FOLDER REPORT.md MINUTES|ROUNDS|SECONDS";

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
                await new Comparison(service, models, Number(rest, 0), TimeSpan.FromSeconds(Number(rest, 1)))
                    .RunAsync(report);
                return 0;
            case ["infer", var service, var models, var report, .. var rest] when rest.Length <= 2:
                await new InferComparison(service, models, Number(rest, 0), TimeSpan.FromSeconds(Number(rest, 1)))
                    .RunAsync(report);
                return 0;
            case ["flat", var service, var models, var report, .. var rest] when rest.Length == 1:
                await new FlatRun(service, models, Number(rest, 0)).RunAsync(report);
                return 0;
            case ["first", var service, var models, var report, .. var rest] when rest.Length == 1:
                await new FirstSecondsRun(service, models, Number(rest, 0)).RunAsync(report);
                return 0;
            case ["profile", var service, var models, var report, .. var rest] when rest.Length == 1:
                await new ProfileRun(service, models, Number(rest, 0)).RunAsync(report);
                return 0;
            default:
                await Console.Error.WriteLineAsync(Usage);
                return 2;
        }
    }

    /// <summary>Rounds, and seconds of each, are 3 where nothing is said.</summary>
    private static int Number(string[] rest, int index) =>
        rest.Length > index ? int.Parse(rest[index], System.Globalization.CultureInfo.InvariantCulture) : 3;
}
