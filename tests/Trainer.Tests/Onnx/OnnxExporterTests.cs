using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Onnx;
using static TorchSharp.torch;

namespace MnistLstm.Trainer.Tests.Onnx;

public sealed class OnnxExporterTests : IDisposable
{
    /// <summary>Both compute in float32 and add up in another order; a logit is about 1 to 10.</summary>
    private const double LogitTolerance = 2e-5;

    /// <summary>The promise of every exported file, <see cref="ModelWriter.ParityTolerance"/>.</summary>
    private const double ProbabilityTolerance = 1e-5;

    /// <summary>Far above any rounding.</summary>
    private const double ClearDifference = 1e-2;

    private readonly string _folder = Directory.CreateTempSubdirectory("mnist-lstm-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(InitialValues.TensorFlow, 128, 1)]
    [InlineData(InitialValues.TensorFlow, 128, 1.7)]
    [InlineData(InitialValues.PyTorch, 128, 1)]
    [InlineData(InitialValues.PyTorch, 5, 0.4)]
    public void ONNX_Runtime_computes_what_TorchSharp_does(InitialValues values, int hidden, double temperature)
    {
        DigitSet digits = TestDigits.Noise(40);
        using LstmClassifier network = Network(values, hidden);
        float[] logits = network.PredictLogits(digits);

        OnnxPredictions actual = Run(OnnxExporter.Export(network, temperature, TestCards.Any), digits);

        LargestDifference(logits, actual.Logits).ShouldBeLessThan(LogitTolerance);
        LargestDifference(Softmax.Of(logits, temperature), actual.Probabilities).ShouldBeLessThan(ProbabilityTolerance);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 2)]
    [InlineData(0, 3)]
    [InlineData(1, 2)]
    [InlineData(1, 3)]
    [InlineData(2, 3)]
    public void Two_swapped_gates_give_clearly_different_answers(int one, int other)
    {
        DigitSet digits = TestDigits.Noise(4);
        using LstmClassifier network = Network(InitialValues.TensorFlow, hidden: 32);
        float[] expected = network.PredictLogits(digits);
        using (no_grad())
        {
            foreach (Tensor weights in new[] { network.InputWeights, network.RecurrentWeights, network.InputBias })
            {
                using Tensor gates = weights.view([4, -1]);
                using Tensor first = gates[one].clone();
                gates[one] = gates[other];
                gates[other] = first;
            }
        }

        OnnxPredictions actual = Run(OnnxExporter.Export(network, temperature: 1, TestCards.Any), digits);

        LargestDifference(expected, actual.Logits).ShouldBeGreaterThan(ClearDifference);
    }

    [Fact]
    public void The_same_network_gives_the_same_bytes()
    {
        using LstmClassifier network = Network(InitialValues.TensorFlow, hidden: 8);

        byte[] once = OnnxExporter.Export(network, temperature: 1, TestCards.Any);
        byte[] again = OnnxExporter.Export(network, temperature: 1, TestCards.Any);

        again.ShouldBe(once);
    }

    [Fact]
    public void The_file_has_no_details_of_the_run()
    {
        using LstmClassifier network = Network(InitialValues.TensorFlow, hidden: 8);
        ModelCard card = TestCards.Any with
        {
            Run = new TrainingRun(DateTimeOffset.UnixEpoch, 1, "a machine", "libraries"),
            ModelSha256 = "ab",
        };

        byte[] file = OnnxExporter.Export(network, temperature: 1, card);

        file.ShouldBe(OnnxExporter.Export(network, temperature: 1, TestCards.Any));
    }

    [Fact]
    public void The_file_meets_the_contract()
    {
        using LstmClassifier network = Network(InitialValues.TensorFlow, hidden: 128);

        ModelProto model = ModelProto.Parser.ParseFrom(OnnxExporter.Export(network, temperature: 1, TestCards.Any));

        model.OpsetImport.ShouldHaveSingleItem().Version.ShouldBeLessThanOrEqualTo(ModelContract.MaxOpset);
        model.Graph.Input.ShouldHaveSingleItem().Name.ShouldBe("rows");
        model.Graph.Output.Select(output => output.Name).ShouldBe(["probabilities", "logits"]);
        model.Graph.Node.Select(node => node.OpType)
            .ShouldBe(["Transpose", "LSTM", "Squeeze", "Gemm", "Div", "Softmax"]);
        model.Graph.Initializer.ToDictionary(weights => weights.Name, weights => weights.Dims.ToArray())
            .ShouldSatisfyAllConditions(
            shapes => shapes["lstm.W"].ShouldBe([1, 512, 28]),
            shapes => shapes["lstm.R"].ShouldBe([1, 512, 128]),
            shapes => shapes["lstm.B"].ShouldBe([1, 1024]),
            shapes => shapes["fc.weight"].ShouldBe([10, 128]),
            shapes => shapes["fc.bias"].ShouldBe([10]));
        model.MetadataProps.ShouldHaveSingleItem().Key.ShouldBe("model_card");
    }

    private static LstmClassifier Network(InitialValues values, int hidden)
    {
        var network = new LstmClassifier(hidden);
        network.Initialize(values, seed: 1);
        return network;
    }

    private OnnxPredictions Run(byte[] model, DigitSet digits)
    {
        string path = Path.Combine(_folder, "test.onnx");
        File.WriteAllBytes(path, model);
        using DigitClassifier classifier = DigitClassifier.Load(path);
        return OnnxPredictions.Of(classifier, digits, TestContext.Current.CancellationToken);
    }

    private static double LargestDifference(float[] expected, float[] actual)
    {
        actual.Length.ShouldBe(expected.Length);
        return expected.Zip(actual, (one, other) => Math.Abs((double)one - other)).Max();
    }
}
