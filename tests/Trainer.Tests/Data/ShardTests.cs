using System.Globalization;
using MnistLstm.Trainer.Commands;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Reports;

namespace MnistLstm.Trainer.Tests.Data;

public sealed class ShardTests : IDisposable
{
    private const int Images = 7;
    private const int ProbabilityColumn = 3;

    /// <summary>
    /// A batch of another size adds in another order on some processors: the last printed digit can differ by one.
    /// </summary>
    private const double RoundedProbability = 1.5e-6;

    private static readonly string Model = Repository.PathOf("models", "digits.onnx");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mnist-lstm-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(Images)]
    public async Task The_parts_add_up_to_the_whole(int parts)
    {
        WritePictures();

        string[] whole = await EvaluateAsync();
        List<string> together = [];
        for (int i = 0; i < parts; i++)
        {
            string[] part = await EvaluateAsync("--shard", $"{i}/{parts}");
            part.Length.ShouldBeInRange(Images / parts, (Images / parts) + 1);
            together.AddRange(part);
        }

        whole.Length.ShouldBe(Images);
        together.Count.ShouldBe(Images);
        together.Sort(StringComparer.Ordinal);
        foreach ((string part, string row) in together.Zip(whole.Order(StringComparer.Ordinal)))
        {
            (string[] ofPart, string[] ofWhole) = (part.Split(','), row.Split(','));
            Probability(ofPart).ShouldBe(Probability(ofWhole), RoundedProbability);
            ofPart[ProbabilityColumn] = ofWhole[ProbabilityColumn];
            ofPart.ShouldBe(ofWhole);
        }
    }

    [Fact]
    public async Task A_part_without_a_picture_is_an_empty_table()
    {
        WritePictures();

        (await EvaluateAsync("--shard", $"{Images}/{Images + 1}")).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_table_says_what_the_picture_shows_and_what_the_model_reads()
    {
        MnistImages mnist = MnistImages.Test();
        WritePicture(mnist, index: 0, name: "a, b.png");

        string[] row = await EvaluateAsync();

        row.ShouldHaveSingleItem().ShouldMatch("""^"7/a, b\.png",7,7,[01]\.[0-9]{6},true$""");
    }

    [Theory]
    [InlineData("4/4")]
    [InlineData("-1/4")]
    [InlineData("0/0")]
    [InlineData("1")]
    [InlineData("1/2/3")]
    [InlineData("a/b")]
    public void A_missing_part_is_rejected(string text) =>
        Should.Throw<TrainerException>(() =>
            Shard.Parse(text)).Message.ShouldStartWith($"--shard is '{text}', but it must be I/N");

    private static double Probability(string[] row) =>
        double.Parse(row[ProbabilityColumn], CultureInfo.InvariantCulture);

    private void WritePictures()
    {
        MnistImages mnist = MnistImages.Test();
        for (int n = 0; n < Images; n++)
        {
            WritePicture(mnist, n, $"{n}.png");
        }
    }

    private void WritePicture(MnistImages mnist, int index, string name)
    {
        DirectoryInfo label = _folder.CreateSubdirectory(Path.Combine("pictures", $"{mnist.Label(index)}"));
        File.WriteAllBytes(Path.Combine(label.FullName, name), mnist.Png(index));
    }

    private async Task<string[]> EvaluateAsync(params string[] options)
    {
        string table = Path.Combine(_folder.FullName, "predictions.csv");
        string[] args =
            [Model, "--images", Path.Combine(_folder.FullName, "pictures"), "--predictions", table, .. options];

        int exitCode = await EvaluateCommand.Create().Parse(args)
            .InvokeAsync(cancellationToken: TestContext.Current.CancellationToken);

        exitCode.ShouldBe(ExitCodes.Success);
        string[] lines = await File.ReadAllLinesAsync(table, TestContext.Current.CancellationToken);
        lines[0].ShouldBe(PredictionTable.Header);
        return lines[1..];
    }
}
