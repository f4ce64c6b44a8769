using System.Globalization;
using System.Text.RegularExpressions;
using MnistLstm.Shared.Models;
using MnistLstm.Support.HardPictures;
using MnistLstm.Trainer.Errors;

namespace MnistLstm.Trainer.Tests.Commands;

/// <summary>
/// <c>refine --images</c> as a person starts it, with the shipped model and few steps: bench/refine.sh has the whole
/// measurement.
/// </summary>
public sealed partial class OwnHandwritingTests : IDisposable
{
    private static readonly string Model = Repository.PathOf("models", "digits.onnx");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mnist-lstm-");

    private string Pictures => Path.Combine(_folder.FullName, "pictures");

    private string Data => Path.Combine(_folder.FullName, "data");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_model_learns_a_handwriting_and_reports_its_accuracy_before_and_after()
    {
        IdxFiles.WriteMnist(Data, train: 3_000, test: 500);
        WritePictures(label: digit => digit, picturesADigit: 15);
        string output = PathOf("mine.onnx");

        TrainerProgram.Result result = await RefineAsync(output, "--evidence-epochs", "8", "--allow-loss");

        result.ExitCode.ShouldBe(ExitCodes.Success, result.Error);
        result.Output[0].ShouldStartWith(
            $"'{Model}' has byte weights, which cannot learn. '{Repository.PathOf("models", "digits-float.onnx")}', ");
        result.Output[1].ShouldBe("30 pictures: 24 to learn from, 6 held out to measure on");
        (double before, double after) = Line(result, "own pictures, held out");
        before.ShouldBeLessThan(50);
        after.ShouldBeGreaterThanOrEqualTo(80);
        Line(result, "held-out digits").After.ShouldBeGreaterThan(97);
        Line(result, "pictures of no digit, refused").After.ShouldBeGreaterThan(80);
        using DigitClassifier bytes = DigitClassifier.Load(output);
        using DigitClassifier floats = DigitClassifier.Load(PathOf("mine-float.onnx"));
        bytes.Card.Quantization!.FloatSha256.ShouldBe(floats.Card.ModelSha256);
        bytes.Card.DataSha256.Keys.ShouldContain("own-pictures");
        bytes.Card.HyperParameters["allow-loss"].ShouldBe("true");
        (await File.ReadAllTextAsync(PathOf("mine.report.html"))).ShouldNotContain("MNIST's test images");
    }

    [Fact]
    public async Task A_model_that_would_forget_too_much_is_not_written()
    {
        IdxFiles.WriteMnist(Data, train: 3_000, test: 500);
        // Every label is wrong, so MNIST's 1 and 9 suffer.
        WritePictures(label: digit => (digit + 5) % 10, picturesADigit: 20);
        string output = PathOf("mine.onnx");

        TrainerProgram.Result result = await RefineAsync(output, "--evidence-epochs", "4", "--evidence-rate", "0.05");

        result.ExitCode.ShouldBe(ExitCodes.RunFailed);
        result.Error.ShouldMatch(
            @"The model would read \d\d\.\d\d % of the held-out digits "
            + @"and read 99\.20 % before: it would forget more than 0\.1 %\. "
            + @"No model was written\. ");
        _folder.EnumerateFiles("mine*").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_run_that_was_stopped_continues_to_the_very_file_of_a_run_that_was_not()
    {
        IdxFiles.WriteMnist(Data, train: 1_200, test: 200);
        WritePictures(label: digit => digit, picturesADigit: 5);
        string whole = PathOf("whole.onnx");
        string stopped = PathOf("stopped.onnx");

        TrainerProgram.Result uninterrupted = await RefineAsync(whole, "--evidence-epochs", "4", "--allow-loss");
        TrainerProgram.Result killed = await RefineAsync(
            ["--evidence-epochs", "4", "--allow-loss", "--output", stopped],
            (line, process) =>
            {
                if (line.StartsWith("epoch 2:", StringComparison.Ordinal))
                {
                    process.Kill();
                }
            });
        TrainerProgram.Result resumed =
            await RefineAsync(stopped, "--evidence-epochs", "4", "--allow-loss", "--resume");

        uninterrupted.ExitCode.ShouldBe(ExitCodes.Success, uninterrupted.Error);
        killed.ExitCode.ShouldNotBe(ExitCodes.Success);
        resumed.ExitCode.ShouldBe(ExitCodes.Success, resumed.Error);
        resumed.Output.ShouldNotContain(line => line.StartsWith("epoch 1:", StringComparison.Ordinal));
        (await File.ReadAllBytesAsync(stopped)).ShouldBe(await File.ReadAllBytesAsync(whole));
    }

    [Fact]
    public async Task Without_MNIST_generated_digits_hold_the_model_in_place()
    {
        WritePictures(label: digit => digit, picturesADigit: 5);

        TrainerProgram.Result result = await RefineAsync(
            ["--evidence-epochs", "1", "--allow-loss", "--output", PathOf("mine.onnx")], seen: null, ("MNIST_DIR", ""),
            ("XDG_CACHE_HOME", PathOf("cache")), ("https_proxy", "http://127.0.0.1:9"));

        result.ExitCode.ShouldBe(ExitCodes.Success, result.Error);
        result.Output.ShouldContain(line => line.EndsWith(
            "That costs about 0.2 points on MNIST, and the card has figures on them."));
        Line(result, "held-out digits").After.ShouldBeGreaterThan(90);
    }

    private Task<TrainerProgram.Result> RefineAsync(string output, params string[] options) =>
        RefineAsync([.. options, "--output", output], seen: null, ("MNIST_DIR", Data));

    private Task<TrainerProgram.Result> RefineAsync(
        string[] options, Action<string, System.Diagnostics.Process>? seen) =>
        RefineAsync(options, seen, ("MNIST_DIR", Data));

    private Task<TrainerProgram.Result> RefineAsync(
        string[] options, Action<string, System.Diagnostics.Process>? seen, params (string, string)[] variables) =>
            TrainerProgram.RunAsync(
        ["refine", Model, "--images", Pictures, "--non-digit-pictures", "1000", .. options], variables, seen);

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>The writer's 1 and 9, which the model takes for a 4 and an 8.</summary>
    private void WritePictures(Func<int, int> label, int picturesADigit)
    {
        foreach (int digit in (int[])[1, 9])
        {
            string folder = Path.Combine(Pictures, $"{label(digit)}");
            Directory.CreateDirectory(folder);
            for (int n = 0; n < picturesADigit; n++)
            {
                File.WriteAllBytes(Path.Combine(folder, $"{n}"), OddHand.Make(digit, n));
            }
        }
    }

    /// <summary>Percentages of a line of the report.</summary>
    private static (double Before, double After) Line(TrainerProgram.Result result, string what)
    {
        Match match = Percentages()
            .Match(result.Output.Single(line => line.StartsWith(what, StringComparison.Ordinal)));
        return (double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture),
            double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@" (\d+\.\d\d) % +(\d+\.\d\d) %$")]
    private static partial Regex Percentages();
}
