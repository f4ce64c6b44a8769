using System.Globalization;

namespace MnistLstm.Faults;

/// <summary>Does to the service what the world does to it; <c>bench/faults.sh</c> builds and calls it.</summary>
internal static class Program
{
    private const string Usage =
        "Usage: Faults replicas|overload|soak|slow|large|attacks|clock SECONDS SERVICE_DLL NGINX_CONFIGURATION_FOLDER "
            + "  |   Faults training KILLS TRAINER_DLL";

    public static async Task<int> Main(string[] args)
    {
        bool held;
        switch (args)
        {
            case ["replicas", var seconds, var service, var nginx]:
                held = await ReplicasRun.RunAsync(Duration(seconds), service, nginx);
                break;
            case ["overload", var seconds, var service, _]:
                held = await OverloadRun.RunAsync(Duration(seconds), service);
                break;
            case ["soak", var seconds, var service, _]:
                held = await SoakRun.RunAsync(Duration(seconds), service);
                break;
            case ["slow", var seconds, var service, _]:
                held = await SlowClientsRun.RunAsync(Duration(seconds), service);
                break;
            case ["large", var seconds, var service, _]:
                held = await LargeRequestsRun.RunAsync(Duration(seconds), service);
                break;
            case ["attacks", var seconds, var service, _]:
                held = await AttacksRun.RunAsync(Duration(seconds), service);
                break;
            case ["clock", var seconds, var service, _]:
                held = await ClockRun.RunAsync(Duration(seconds), service);
                break;
            case ["training", var kills, var trainer]:
                held = await TrainingRun.RunAsync(int.Parse(kills, CultureInfo.InvariantCulture), trainer);
                break;
            default:
                await Console.Error.WriteLineAsync(Usage);
                return 2;
        }

        Console.WriteLine(held ? "Held." : "NOT held.");
        return held ? 0 : 1;
    }

    private static TimeSpan Duration(string seconds) =>
        TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture));
}
