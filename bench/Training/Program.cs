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

const int SeedSteps = 150;
int rounds = args.Length > 0 ? int.Parse(args[0]) : 5;
TimeSpan time = TimeSpan.FromSeconds(args.Length > 1 ? int.Parse(args[1]) : 3);
Libtorch.Require();
TrainingOptions options = TrainingOptions.Best;
Console.WriteLine($"# Training speed\n");
Console.WriteLine(
    $"{Computer.Processor}, {Environment.ProcessorCount} cores; {RuntimeInformation.OSDescription}, .NET "
    + $"{Environment.Version}, TorchSharp {typeof(TorchSharp.torch).Assembly.GetName().Version}, libtorch "
    + $"{TorchSharp.torch.__version__}. {rounds} rounds of {time.TotalSeconds} s of each, interleaved; medians. "
    + $"Made by `bench/training.sh {rounds} {time.TotalSeconds}`.\n");
Console.WriteLine(
    "| computed in | training, images/s | its multiplications alone, images/s | share (median of the rounds) |");
Console.WriteLine("|---|---|---|---|");
foreach (NumberFormat format in new[] { NumberFormat.Float32, NumberFormat.BFloat16 })
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

    double share = trained.Zip(multiplied, (a, b) => a / b).Median();
    Console.WriteLine(
        $"| {format.ToString().ToLowerInvariant()} | {trained.Median():N0} | {multiplied.Median():N0} | {share:F2} |");
}

// In turns with the distillation's steps, so that both have the same neighbors.
using var distillation = new TrainingSteps(options with { NumberFormat = NumberFormat.Float32 });
var seed = new List<double>();
var shares = new List<double>();
for (int round = 0; round < rounds; round++)
{
    double beside = distillation.ImagesPerSecond(time);
    seed.Add(SeedPreset.ImagesPerSecond(SeedSteps));
    shares.Add(seed[^1] / beside);
}

double[] seconds = [.. Enumerable.Range(0, Math.Min(rounds, 3)).Select(_ => SeedPreset.StartToFile().TotalSeconds)];
Console.WriteLine(FormattableString.Invariant($"""

    | `train --preset seed` | |
    |---|---|
    | its steps, images/s | {seed.Median():N0} |
    | … as a share of the distillation's in float32, in turns with them | {shares.Median():F2} |
    | from the command's start to the file, seconds | {seconds.Median():F1} |
    """));

return 0;
