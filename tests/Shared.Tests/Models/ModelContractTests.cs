using MnistLstm.Shared.Models;

namespace MnistLstm.Shared.Tests.Models;

/// <summary>A model that violates the contract is rejected with a sentence that names the tensor.</summary>
public sealed class ModelContractTests : IDisposable
{
    private static readonly OnnxFile Good = new();

    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("mnist-lstm-").FullName, "test.onnx");

    public static TheoryData<string, string> Violations => new()
    {
        { "input of another name", "input 'rows' is missing (the file has 'pixels')" },
        { "rows of 27 pixels", "input 'rows' has shape [N, 28, 27], not [N, 28, 28]" },
        { "flat images", "input 'rows' has shape [N, 784], not [N, 28, 28]" },
        { "one image at a time", "input 'rows' has shape [1, 28, 28], not [N, 28, 28]" },
        { "double precision", "input 'rows' is not a float32 tensor" },
        { "nine classes", "output 'probabilities' has shape [N, 9], not [N, 10]" },
        { "no logits", "output 'logits' is missing (the file has 'probabilities', 'scores')" },
        { "no probabilities", "output 'probabilities' is missing (the file has 'softmax', 'logits')" },
        { "a second input", "input 'mask' is not part of the contract" },
        { "no card", "metadata 'model_card' is missing" },
    };

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    [Fact]
    public void A_model_that_fits_is_loaded_with_its_card_and_the_hash_of_its_file()
    {
        using DigitClassifier classifier = Load(Good);

        classifier.Name.ShouldBe("test");
        classifier.Card.Preset.ShouldBe("seed");
        classifier.Card.ModelSha256.ShouldBe(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Good.ToBytes())));
    }

    [Theory]
    [MemberData(nameof(Violations))]
    public void A_model_that_reads_it_wrong_is_rejected(string model, string violation) =>
        Problem(Build(model)).ShouldBe($"The model '{_path}' violates the contract: {violation}.");

    [Theory]
    [InlineData("no JSON")]
    [InlineData("null")]
    [InlineData("""{ "version": "1" }""")]
    public void An_invalid_card_is_rejected(string card) =>
        Problem(Good with { Card = card })
        .ShouldStartWith($"The model '{_path}' violates the contract: metadata 'model_card' is not a model card (");

    [Fact]
    public void A_file_that_is_not_a_model_or_missing_is_rejected()
    {
        Should.Throw<InvalidModelException>(() =>
            DigitClassifier.Load(_path)).Message.ShouldBe($"There is no model at '{_path}'.");

        File.WriteAllText(_path, "no model");
        Should.Throw<InvalidModelException>(() => DigitClassifier.Load(_path))
            .Message.ShouldStartWith($"The model '{_path}' is not an ONNX file that can be loaded: ");

        File.WriteAllBytes(_path, []);
        Should.Throw<InvalidModelException>(() => DigitClassifier.Load(_path)).Message.ShouldContain(_path);
    }

    [Fact]
    public void A_model_file_that_is_truncated_is_rejected_wherever_it_ends()
    {
        byte[] whole = File.ReadAllBytes(Repository.PathOf("models", "seed.onnx"));
        foreach (int length in new[] { 1, 100, whole.Length / 2, whole.Length - 1 })
        {
            File.WriteAllBytes(_path, whole[..length]);

            Should.Throw<InvalidModelException>(() => DigitClassifier.Load(_path)).Message.ShouldContain(_path);
        }
    }

    private static OnnxFile Build(string model) => model switch
    {
        "input of another name" => Good with { Input = "pixels" },
        "rows of 27 pixels" => Good with { InputShape = [0, 28, 27] },
        "flat images" => Good with { InputShape = [0, 784] },
        "one image at a time" => Good with { InputShape = [1, 28, 28] },
        "double precision" => Good with { InDouble = true },
        "nine classes" => Good with { Classes = 9 },
        "no logits" => Good with { Logits = "scores" },
        "no probabilities" => Good with { Probabilities = "softmax" },
        "a second input" => Good with { ExtraInput = "mask" },
        "no card" => Good with { Card = null },
        _ => throw new ArgumentOutOfRangeException(nameof(model), model, "no such case"),
    };

    private string Problem(OnnxFile model) => Should.Throw<InvalidModelException>(() => Load(model)).Message;

    private DigitClassifier Load(OnnxFile model)
    {
        File.WriteAllBytes(_path, model.ToBytes());
        return DigitClassifier.Load(_path);
    }
}
