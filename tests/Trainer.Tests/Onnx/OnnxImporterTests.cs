using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Onnx;

namespace MnistLstm.Trainer.Tests.Onnx;

public sealed class OnnxImporterTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Exported_weights_are_imported_bit_for_bit()
    {
        using var network = new LstmClassifier(hiddenSize: 12);
        network.Initialize(InitialValues.PyTorch, seed: 3);
        File.WriteAllBytes(_file, OnnxExporter.Export(network, temperature: 1.5, DigitClassifierCard()));

        using LstmClassifier read = OnnxImporter.Read(_file);

        read.HiddenSize.ShouldBe(12);
        read.Weights.Select(weights => weights.bytes.ToArray())
            .ShouldBe(network.Weights.Select(weights => weights.bytes.ToArray()));
    }

    [Theory]
    [InlineData("no model at all")]
    [InlineData("")]
    public void Another_file_is_rejected_with_a_sentence(string content)
    {
        File.WriteAllText(_file, content);

        Should.Throw<TrainerException>(() => OnnxImporter.Read(_file)).Message.ShouldContain($"The model '{_file}'");
    }

    private static ModelCard DigitClassifierCard()
    {
        using var classifier = DigitClassifier.Load(Repository.PathOf("models", "digits-float.onnx"));
        return classifier.Card;
    }
}
