using System.Globalization;
using System.Runtime.InteropServices;
using MnistLstm.Bench.Training;
using MnistLstm.Trainer.Native;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Recipes;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args.Length > 2)
{
    Console.Error.WriteLine("Usage: Training [ROUNDS [SECONDS]]");
    return 2;
}

int rounds = args.Length > 0 ? int.Parse(args[0]) : 5;
TimeSpan time = TimeSpan.FromSeconds(args.Length > 1 ? int.Parse(args[1]) : 3);
Libtorch.Require();
TrainingOptions options = TrainingOptions.Best;
Console.WriteLine($"# Training speed\n");
Console.WriteLine(
    $"{Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, .NET {Environment.Version}, TorchSharp {typeof(TorchSharp.torch).Assembly.GetName().Version}, libtorch {TorchSharp.torch.__version__}. {rounds} rounds of {time.TotalSeconds} s of each, interleaved; medians.\n");
Console.WriteLine("| computed in | training, images/s | its multiplications alone, images/s | share (median of the rounds) |");
Console.WriteLine("|---|---|---|---|");
foreach (NumberFormat format in Enum.GetValues<NumberFormat>())
{
    using var training = new TrainingSteps(options with { NumberFormat = format });
    using var ceiling = new Multiplications(options, format);
    var trained = new List<double>();
    var multiplied = new List<double>();
    training.ImagesPerSecond(time);
    ceiling.ImagesPerSecond(time);
    for (int round = 0; round < rounds; round++)
    {
        trained.Add(training.ImagesPerSecond(time));
        multiplied.Add(ceiling.ImagesPerSecond(time));
    }

    double share = Median(trained.Zip(multiplied, (a, b) => a / b));
    Console.WriteLine($"| {format.ToString().ToLowerInvariant()} | {Median(trained):N0} | {Median(multiplied):N0} | {share:F2} |");
}

return 0;

static double Median(IEnumerable<double> values)
{
    double[] sorted = [.. values.Order()];
    return sorted[sorted.Length / 2];
}
