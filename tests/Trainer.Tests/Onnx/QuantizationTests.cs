using System.Runtime.InteropServices;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Onnx;

namespace MnistLstm.Trainer.Tests.Onnx;

public sealed class QuantizationTests : IDisposable
{
    /// <summary>Of the test images: 3 of 10,000.</summary>
    private const double MostLost = 0.0003;

    private static readonly string Float = Repository.PathOf("models", "digits.onnx");

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_quantised_model_fits_the_contract_and_reads_as_well()
    {
        MnistDataset data = await LoadAsync();
        string path = Path.Combine(_folder, "small.onnx");
        using DigitClassifier original = DigitClassifier.Load(Float);

        WrittenModel written = QuantizedModel.Write(original, File.ReadAllBytes(Float), data, path, TestContext.Current.CancellationToken);

        using DigitClassifier quantized = DigitClassifier.Load(path);
        SplitResult before = ClassificationMetrics.Measure(
            OnnxPredictions.Of(original, data.Test, TestContext.Current.CancellationToken).Probabilities,
            data.Test.Labels);
        SplitResult after = ClassificationMetrics.Measure(
            OnnxPredictions.Of(quantized, data.Test, TestContext.Current.CancellationToken).Probabilities,
            data.Test.Labels);
        (before.Accuracy - after.Accuracy).ShouldBeLessThanOrEqualTo(MostLost);
        written.Card.Test.Correct.ShouldBe(after.Correct);
        quantized.Card.Test.Correct.ShouldBe(after.Correct);
        quantized.Card.Version.ShouldNotBe(original.Card.Version);
        quantized.Card.Quantization!.FloatVersion.ShouldBe(original.Card.Version);
        quantized.Card.Quantization.DifferentDigits.ShouldBeInRange(0, 20);
        ModelCard.FromJson(File.ReadAllText(ModelWriter.CardPath(path))).ModelSha256.ShouldBe(quantized.Card.ModelSha256);
        new FileInfo(path).Length.ShouldBeLessThan(new FileInfo(Float).Length / 3);
    }

    [Fact]
    public void The_same_model_gives_the_same_bytes()
    {
        byte[][] files =
        [
            .. Enumerable.Range(0, 2).Select(_ =>
            {
                ModelProto model = LstmQuantizer.Quantize(File.ReadAllBytes(Float));
                return LstmQuantizer.WithCard(model, ModelCard.FromJson(model.MetadataProps[0].Value));
            }),
        ];

        files[1].ShouldBe(files[0]);
    }

    [Theory]
    [InlineData("lstm.W", 28)]
    [InlineData("lstm.R", 128)]
    public void Each_weight_is_rounded_to_the_nearest_of_its_scale(string name, int inputs)
    {
        ReadOnlySpan<float> floats = MemoryMarshal.Cast<byte, float>(
            ModelProto.Parser.ParseFrom(File.ReadAllBytes(Float)).Graph.Initializer.Single(t => t.Name == name).RawData.Span);

        ModelProto model = LstmQuantizer.Quantize(File.ReadAllBytes(Float));

        TensorProto weights = model.Graph.Initializer.Single(t => t.Name == name);
        ReadOnlySpan<sbyte> values = MemoryMarshal.Cast<byte, sbyte>(weights.RawData.Span);
        ReadOnlySpan<float> scales = MemoryMarshal.Cast<byte, float>(
            model.Graph.Initializer.Single(t => t.Name == $"{name}.scale").RawData.Span);
        weights.Dims.ShouldBe([1, inputs, scales.Length]);
        for (int row = 0; row < scales.Length; row++)
        {
            for (int i = 0; i < inputs; i++)
            {
                sbyte value = values[(i * scales.Length) + row];
                Math.Abs((int)value).ShouldBeLessThanOrEqualTo(LstmQuantizer.Most);
                (value * scales[row]).ShouldBe(floats[(row * inputs) + i], tolerance: 0.501 * scales[row]);
            }
        }
    }

    [Fact]
    public void The_graph_asks_for_one_operator_set_more_and_no_newer_one()
    {
        ModelProto model = LstmQuantizer.Quantize(File.ReadAllBytes(Float));

        model.OpsetImport.ToDictionary(set => set.Domain, set => set.Version)
            .ShouldBe(new Dictionary<string, long> { [""] = ModelContract.MaxOpset, [LstmQuantizer.Domain] = 1 });
        model.Graph.Node.Single(node => node.OpType == "DynamicQuantizeLSTM").Domain.ShouldBe(LstmQuantizer.Domain);
        model.Graph.Node.ShouldNotContain(node => node.OpType == "LSTM");
    }

    [Fact]
    public void A_model_that_is_quantised_already_is_refused_in_words()
    {
        ModelProto model = LstmQuantizer.Quantize(File.ReadAllBytes(Float));
        byte[] quantized = LstmQuantizer.WithCard(model, ModelCard.FromJson(model.MetadataProps[0].Value));

        Should.Throw<TrainerException>(() => LstmQuantizer.Quantize(quantized)).Message.ShouldBe("The model is quantised already.");
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a model")]
    [InlineData("\u0008\u0008")]
    public void A_file_that_train_has_not_written_is_refused_in_words(string content)
    {
        TrainerException refusal = Should.Throw<TrainerException>(
            () => LstmQuantizer.Quantize(System.Text.Encoding.UTF8.GetBytes(content)));

        refusal.Message.ShouldStartWith("The file is not a model that 'train' has written");
        refusal.ExitCode.ShouldBe(ExitCodes.BadInput);
    }

    private static Task<MnistDataset> LoadAsync() => MnistDataset.LoadAsync(
        MnistSource.Find(MnistImages.Folder), downloads: null, TestContext.Current.CancellationToken);
}
