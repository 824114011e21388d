"""What interview answers claim: the statements, as data. No torch here.

Each is put to the test by the experiment of the same number (see `core.claims.checker`).
"""

from core.claims.claim import Claim
from core.claims.claims_of_length import LENGTH_CLAIMS
from core.errors import ConfigError

CLAIMS = {
    claim.number: claim
    for claim in (
        Claim(
            1,
            "gradient-flow",
            "In an LSTM dc_t/dc_{t-1} = f_t: no matrix, so the gradient is the product of gates.",
            "That is the direct path only; the rest runs through h into the gates.",
            "Greff et al. 2017, arXiv:1503.04069, section 2",
        ),
        Claim(
            2,
            "gradient-flow",
            "If an LSTM's gradient vanishes, that is a learned choice, not structural.",
            "Before any learning the forget gates of a default LSTM stand near one half.",
            "Jozefowicz et al. 2015, ICML, section 3; Tallec & Ollivier 2018, arXiv:1804.11188",
        ),
        Claim(
            3,
            "gradient-flow",
            "If the norm of W_hh is above 1, an RNN's gradient explodes.",
            "Above 1 is necessary, not sufficient: the slopes of tanh multiply in.",
            "Pascanu et al. 2013, arXiv:1211.5063, section 2.1",
        ),
        Claim(
            4,
            "gradient-flow",
            "Forget gates are at most 1, so an LSTM's gradient cannot explode.",
            "The path through h has matrices in it, and they can grow.",
            "Pascanu et al. 2013, arXiv:1211.5063, section 2",
        ),
        Claim(
            5,
            "gradient-flow",
            "In an RNN the gradient vanishes through the layers.",
            "It vanishes through time; a stack of three layers costs far less than 100 steps.",
            "Bengio et al. 1994, doi:10.1109/72.279181",
        ),
        Claim(
            6,
            "sentiment",
            "The last state of an LSTM is h_n.squeeze(0).",
            "That takes an axis away only where one layer reads in one direction.",
            "PyTorch documentation, torch.nn.LSTM, outputs",
        ),
        Claim(
            7,
            "sentiment",
            "An LSTM's h_n sums up the review: it is the state after the last word.",
            "In a padded batch it is the state after the padding.",
            "PyTorch documentation, torch.nn.utils.rnn.pack_padded_sequence",
        ),
        Claim(
            8,
            "sentiment",
            "A CNN with kernels of 3, 4 and 5 words and max_pool1d answers any review.",
            "A review shorter than a kernel has no window in it.",
            "PyTorch documentation, torch.nn.Conv1d; Kim 2014, arXiv:1408.5882",
        ),
        Claim(
            9,
            "sentiment",
            "A CNN has fewer parameters than an LSTM.",
            "That depends on how many units the LSTM has; the embedding is the same.",
            "Kim 2014, arXiv:1408.5882, section 3.1",
        ),
        Claim(
            10,
            "sentiment",
            "BERT needs more labelled data than a CNN or an LSTM to be any good.",
            "What it learned before is what labels need not teach.",
            "Howard & Ruder 2018, arXiv:1801.06146; Devlin et al. 2019, arXiv:1810.04805",
        ),
        Claim(
            11,
            "sentiment",
            "An LSTM has 88-90 % of reviews right, a CNN 87-89 %.",
            "On which texts? On the same ones the two are hard to tell apart.",
            "Kim 2014, arXiv:1408.5882, table 2",
        ),
        Claim(
            12,
            "sentiment",
            "A CNN has 95 % of BERT's accuracy at 5 % of its cost.",
            "A share of the accuracy hides how many more errors there are.",
            "Devlin et al. 2019, arXiv:1810.04805; Tang et al. 2019, arXiv:1903.12136",
        ),
        Claim(
            13,
            "sentiment",
            "A CNN takes 10 MB, an LSTM 20 MB.",
            "Most of either is the table of words, which is the same.",
            "Joulin et al. 2016, arXiv:1612.03651",
        ),
        Claim(
            14,
            "sentiment",
            "A batch of 32 takes a CNN 5 ms and an LSTM 20 ms.",
            "Give both the same arithmetic, then compare.",
            "Bai et al. 2018, arXiv:1803.01271",
        ),
        Claim(
            15,
            "sentiment",
            "A review has 50 to 500 words, which suits RNN, CNN and BERT alike.",
            "BERT reads 512 pieces of words and cuts the rest off; and a bag of words is missing.",
            "Devlin et al. 2019, arXiv:1810.04805, appendix A.2; Wang & Manning 2012, "
            "https://aclanthology.org/P12-2018",
        ),
        Claim(
            16,
            "sentiment",
            'A CNN captures local patterns such as "not bad".',
            "It can hold them; whether it has learned them is another question.",
            "Socher et al. 2013, https://aclanthology.org/D13-1170",
        ),
        *LENGTH_CLAIMS,
        Claim(
            26,
            "clipping",
            "total_norm_after = clip_grad_norm_(...) gives the norm after clipping.",
            "It returns the norm before, so a monitor that compares the two never fires.",
            "PyTorch documentation, torch.nn.utils.clip_grad_norm_",
        ),
        Claim(
            27,
            "clipping",
            "RNNs and LSTMs need clipping; Transformers usually do not.",
            "Initialization and optimizer decide more than the architecture.",
            "Pascanu et al. 2013, arXiv:1211.5063, section 3.2",
        ),
        Claim(
            28,
            "clipping",
            "Clipping preserves the direction, it only limits the magnitude.",
            "True of the raw gradient under norm clipping; not of value clipping, and not of the "
            "step that Adam takes.",
            "Pascanu et al. 2013, arXiv:1211.5063; Kingma & Ba 2015, arXiv:1412.6980",
        ),
        Claim(
            29,
            "clipping",
            "Clipping is the cure when the loss goes to NaN or infinity.",
            "One infinite element becomes NaN after clipping; such a step must be skipped.",
            "PyTorch documentation, clip_grad_norm_(error_if_nonfinite=True)",
        ),
        Claim(
            30,
            "clipping",
            "Watch the norms without clipping, then set max_norm to their 90th percentile.",
            "A run that needs clipping does not live long enough to be watched.",
            "Seetharaman et al. 2020, arXiv:2007.14469",
        ),
        Claim(
            31,
            "translation",
            "An encoder-decoder's BLEU falls from 0.85 at 10 tokens to 0.60 at 50 and 0.30 at 100.",
            "BLEU is from 0 to 100, and says little without the number of sentences, the "
            "tokenization and the brevity penalty.",
            "Post 2018, arXiv:1804.08771",
        ),
        Claim(
            32,
            "translation",
            "If the encoder's last states are similar for all sentences, the bottleneck is proven.",
            "States are most alike where the decoder does not need them: swap them and see.",
            "Cho et al. 2014, arXiv:1409.1259; Sutskever et al. 2014, arXiv:1409.3215",
        ),
        Claim(
            33,
            "translation",
            "Attention is a loop: at step t the decoder reads tgt[t] and a context from all "
            "encoder outputs.",
            "tgt[t] is also what it has to say, and nothing masks the padding.",
            "Bahdanau et al. 2015, arXiv:1409.0473, appendix A.2; Luong et al. 2015, "
            "arXiv:1508.04025",
        ),
        Claim(
            34,
            "translation",
            "A teacher forcing ratio of max(0.5, 1 - 0.1 epoch), else model_output[t-1], closes "
            "the gap to inference.",
            "At t = 0 the index is -1, and half of the inputs stay right for ever.",
            "Bengio et al. 2015, arXiv:1506.03099, section 2.4",
        ),
        Claim(
            35,
            "translation",
            "After attention, scheduled sampling is the next remedy for long sentences.",
            "Most words are wrong with a right prefix too, which sampling cannot mend.",
            "Bengio et al. 2015, arXiv:1506.03099; Huszar 2015, arXiv:1511.05101",
        ),
        Claim(
            36,
            "translation",
            "Transformers handle long sequences better.",
            "Trained lengths count: beyond them their positions are as new as a decoder's states.",
            "Press et al. 2022, arXiv:2108.12409",
        ),
        Claim(
            37,
            "translation",
            "For length, set bidirectional=True in the encoder: the decoder gets a richer context.",
            "The decoder cannot take a state of two directions; over a bridge it learns sooner, "
            "from one vector still.",
            "Bahdanau et al. 2015, arXiv:1409.0473, appendix A.2.2",
        ),
        Claim(
            38,
            "serving",
            "50 ms a request is too slow at 1,000 requests a second: answer batches of 32.",
            "A batch makes a replica answer more; whoever waits until it is full waits longer.",
            "Little 1961, doi:10.1287/opre.9.3.383; Crankshaw et al. 2017, NSDI, section 4.3",
        ),
        Claim(
            39,
            "serving",
            "With INT8 an LSTM is 4 times smaller and 2 to 3 times faster.",
            "Which runtime, which model, which batch? And is the embedding converted too?",
            "PyTorch tutorial, Dynamic Quantization on an LSTM Word Language Model",
        ),
        Claim(
            40,
            "serving",
            "100 words take an LSTM 50 ms, since it must read them one after another.",
            "Time one: a compiled kernel needs milliseconds, and a slow loop is another cause.",
            "Appleyard et al. 2016, arXiv:1604.01946",
        ),
        Claim(
            41,
            "serving",
            "Four remedies: batches, a CNN or Transformer, INT8, distillation.",
            "Lengths, states, replicas and the slowest requests are not in that list.",
            "Dean & Barroso 2013, The Tail at Scale, doi:10.1145/2408776.2408794",
        ),
    )
}


def claims_of(lab: str) -> list[Claim]:
    """Return the claims that `lab` can prove, by number."""
    return [claim for claim in CLAIMS.values() if claim.lab == lab]


def find_claim(number: int) -> Claim:
    """Return the claim `number`.

    Raises:
        ConfigError: there is no such claim; the message lists those there are.
    """
    if number not in CLAIMS:
        known = ", ".join(str(n) for n in CLAIMS)
        raise ConfigError(f"There is no claim {number}; those that can be run are {known}.")
    return CLAIMS[number]
